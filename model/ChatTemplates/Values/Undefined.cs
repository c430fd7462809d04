namespace Cluster.Model.ChatTemplates.Values;

/// <summary>What a name or attribute that is not there stands for: empty text, false, no items; anything else done with it is an error.</summary>
/// <param name="Description">One line that says what is not there.</param>
internal sealed record Undefined(string Description)
{
    /// <summary>The value of an <c>if</c> expression without an <c>else</c>, and of the first or last item of nothing.</summary>
    public static readonly Undefined Nothing = new("the value is undefined");

    public static Undefined Name(string name) => new($"'{name}' is undefined");

    public static Undefined Item(object? subject, long index) => new($"a {TypeNames.Of(subject)} has no item {index}");

    public static Undefined Attribute(object? subject, string name) => new($"a {TypeNames.Of(subject)} has no '{name}'");
}
