using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Expressions;

/// <summary>Arguments as written.</summary>
internal sealed record ArgumentList
{
    public static readonly ArgumentList None = new();

    /// <summary>In order.</summary>
    public IReadOnlyList<Expression> Positional { get; init; } = [];

    public IReadOnlyList<(string Name, Expression Value)> Named { get; init; } = [];

    /// <summary><c>*items</c>: each is an argument.</summary>
    public Expression? Spread { get; init; }

    /// <summary><c>**entries</c>: each is a named argument.</summary>
    public Expression? NamedSpread { get; init; }

    public CallArguments Evaluate(RenderContext context)
    {
        if (ReferenceEquals(this, None)) return CallArguments.None;

        var positional = new List<object?>(Positional.Count);
        foreach (var argument in Positional) positional.Add(argument.Evaluate(context));
        var named = new List<KeyValuePair<string, object?>>(Named.Count);
        foreach (var (name, value) in Named) named.Add(new(name, value.Evaluate(context)));
        if (Spread is not null) positional.AddRange(Items.Of(Spread.Evaluate(context)));
        if (NamedSpread is not null) AddEntries(named, NamedSpread.Evaluate(context));
        context.Budget.Spend(positional.Count + named.Count);
        return new CallArguments(positional, named);
    }

    private static void AddEntries(List<KeyValuePair<string, object?>> named, object? entries)
    {
        if (entries is not TemplateDictionary dictionary) throw new TemplateValueException($"a dictionary is needed after '**', not a {TypeNames.Of(entries)}");
        foreach (var (key, value) in dictionary.Entries)
            named.Add(new(key as string ?? throw new TemplateValueException("the name of an argument is a text"), value));
    }
}
