namespace Cluster.Model.Sampling;

/// <summary>A value of <see cref="SamplingOptions"/> that cannot be used.</summary>
/// <param name="Parameter">Its name in the HTTP API, such as <c>top_p</c>.</param>
/// <param name="Message">One line for the user.</param>
public sealed record SamplingOptionError(string Parameter, string Message);
