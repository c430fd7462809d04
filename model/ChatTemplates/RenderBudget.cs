using System.Runtime.CompilerServices;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates;

/// <summary>
/// What a rendering may still cost, in units of about one evaluated node, one list item or eight characters of text made. It bounds time and
/// memory together, whatever a template does.
/// </summary>
internal sealed class RenderBudget(long units)
{
    private const int CharactersPerUnit = 8;

    /// <summary>One node is evaluated.</summary>
    public void Step()
    {
        RuntimeHelpers.EnsureSufficientExecutionStack();
        Spend(1);
    }

    /// <exception cref="TemplateValueException">Nothing is left.</exception>
    public void Spend(long cost)
    {
        units -= cost;
        if (units < 0) throw new TemplateValueException("rendering takes too much time or memory");
    }

    /// <summary>Pays for a text that is there already.</summary>
    public string Text(string text)
    {
        SpendText(text.Length);
        return text;
    }

    /// <summary>Pays for a text before it is made.</summary>
    public string Text<TLeft, TRight>(long length, TLeft left, TRight right, Func<TLeft, TRight, string> make)
    {
        SpendText(length);
        return make(left, right);
    }

    public void SpendText(long length) => Spend(length / CharactersPerUnit);
}
