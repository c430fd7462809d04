using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates.Library;

/// <summary>One call of an <see cref="Operation"/>.</summary>
/// <param name="context">Of the rendering.</param>
/// <param name="subject">What stands before the filter, test or method; null for functions.</param>
/// <param name="bound">By parameter; <see cref="Missing"/> where none was given.</param>
/// <param name="arguments">As given.</param>
internal sealed class OperationCall(RenderContext context, object? subject, object?[] bound, CallArguments arguments)
{
    /// <summary>Stands for an argument that was not given.</summary>
    public static readonly object Missing = new();

    public RenderContext Context => context;

    public RenderBudget Budget => context.Budget;

    public object? Subject => subject;

    public CallArguments Arguments => arguments;

    /// <summary>The subject as text, whatever it is.</summary>
    public string SubjectText => TextForm.Of(subject, context.Budget);

    public IReadOnlyList<object?> SubjectItems => Items.Of(subject);

    /// <summary>An argument that is needed.</summary>
    public object? this[int index] => Has(index) ? bound[index] : throw new TemplateValueException("an argument is missing");

    public bool Has(int index) => !ReferenceEquals(bound[index], Missing);

    public object? Or(int index, object? fallback) => Has(index) ? bound[index] : fallback;

    public bool Flag(int index) => Has(index) && Truth.Of(bound[index]);

    public long Integer(int index, long fallback) => Has(index) ? Numbers.ToInteger(bound[index]) : fallback;

    public string Text(int index) => this[index] switch
    {
        string text => text,
        Undefined undefined => throw new TemplateValueException(undefined.Description),
        var other => throw new TemplateValueException($"a text is needed, not a {TypeNames.Of(other)}"),
    };
}
