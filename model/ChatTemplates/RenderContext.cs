using System.Text;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates;

/// <summary>The state of one rendering.</summary>
internal sealed class RenderContext(RenderBudget budget, Scope scope, DateTimeOffset now, int maxOutputLength)
{
    private StringBuilder _output = new();

    public RenderBudget Budget => budget;

    /// <summary>Where names are looked up and set.</summary>
    public Scope Scope { get; set; } = scope;

    public DateTimeOffset Now => now;

    /// <summary>Of the statement that is executed: where an error is.</summary>
    public int Line { get; set; } = 1;

    public string Output => _output.ToString();

    public void Write(string text)
    {
        budget.SpendText(text.Length);
        if (_output.Length + text.Length > maxOutputLength) throw new TemplateValueException($"the text is longer than {maxOutputLength} characters");
        _output.Append(text);
    }

    /// <summary>Text that <paramref name="write"/> writes, instead of being output.</summary>
    public string Capture(Action<RenderContext> write)
    {
        var output = _output;
        _output = new StringBuilder();
        try
        {
            write(this);
            return _output.ToString();
        }
        finally
        {
            _output = output;
        }
    }

    /// <summary>Does something with names of its own: what it sets is gone afterwards.</summary>
    public T Within<T>(Scope inner, Func<RenderContext, T> body)
    {
        var outer = Scope;
        Scope = inner;
        try
        {
            return body(this);
        }
        finally
        {
            Scope = outer;
        }
    }
}
