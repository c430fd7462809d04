namespace Cluster.Coordinator.Api;

/// <summary>A checked request to <c>/detokenize</c>.</summary>
internal sealed record DetokenizeRequest
{
    public static readonly ParameterTable<DetokenizeRequest> Table = new(
        ["tokens"],
        [],
        [new("tokens", """{"type":"array","items":{"type":"integer"}}""", "Token ids.", static (r, v) => r with { Tokens = [.. v.Elements().Select(static element => element.Integer(0))] })]);

    public int[] Tokens { get; init; } = [];
}
