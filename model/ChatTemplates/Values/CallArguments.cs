namespace Cluster.Model.ChatTemplates.Values;

/// <summary>Arguments of one call.</summary>
/// <param name="Positional">In order.</param>
/// <param name="Named">By name, in order.</param>
internal sealed record CallArguments(IReadOnlyList<object?> Positional, IReadOnlyList<KeyValuePair<string, object?>> Named)
{
    public static readonly CallArguments None = new([], []);

    /// <summary>The same without the first positional ones.</summary>
    public CallArguments Skip(int count) => this with { Positional = [.. Positional.Skip(count)] };
}
