namespace Cluster.Coordinator.Evaluation;

/// <summary>What cache formats cost and gain with one model and text.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Context">Tokens of a window.</param>
/// <param name="Windows">Windows that were scored.</param>
/// <param name="DecodeContext">Tokens in the cache while decoding was timed.</param>
/// <param name="Rows">One for each format.</param>
internal sealed record KvReport(string Model, int Context, int Windows, int DecodeContext, IReadOnlyList<KvReportRow> Rows);
