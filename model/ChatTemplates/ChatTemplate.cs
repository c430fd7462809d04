using Cluster.Model.ChatTemplates.Library;
using Cluster.Model.ChatTemplates.Statements;
using Cluster.Model.ChatTemplates.Syntax;
using Cluster.Model.ChatTemplates.Values;

namespace Cluster.Model.ChatTemplates;

/// <summary>
/// A model's chat template: makes the prompt out of a conversation. It is Jinja2 as Hugging Face's <c>apply_chat_template</c> sets it up
/// (<c>trim_blocks</c>, <c>lstrip_blocks</c>, loop controls, its <c>tojson</c>), interpreted. Immutable: safe for any number of threads.
/// </summary>
/// <remarks>
/// Not there, because templates of models do not use it: inheritance, includes, recursive loops, autoescaping, <c>*</c> and <c>**</c>
/// arguments. Lists can be changed (<c>append</c> and so on), as some templates expect. Source: the Jinja2 template designer documentation.
/// </remarks>
public sealed class ChatTemplate
{
    // A conversation of some megabytes costs one or two millions. An endless loop ends within a second.
    private const long Budget = 8_000_000;
    private const int MaxOutputLength = 16 << 20;

    private readonly Block _body;

    private ChatTemplate(string source, Block body)
    {
        Source = source;
        _body = body;
    }

    /// <summary>As it was given.</summary>
    public string Source { get; }

    /// <exception cref="ChatTemplateException">The template is not well-formed.</exception>
    public static ChatTemplate Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new ChatTemplate(source, StatementParser.Parse(source));
    }

    /// <summary>The prompt, special tokens as their texts.</summary>
    /// <exception cref="ChatTemplateException">
    /// The template refuses the conversation (<see cref="ChatTemplateException.IsRefusal"/>), does something that cannot be done, or takes too long.
    /// </exception>
    public string Render(ChatTemplateInput input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var context = new RenderContext(new RenderBudget(Budget), input.ToScope(GlobalFunctions.Scope), input.Now, MaxOutputLength);
        try
        {
            _body.Execute(context);
            return context.Output;
        }
        catch (TemplateValueException e)
        {
            throw new ChatTemplateException(context.Line, e.Message, e.IsRefusal);
        }
        catch (InsufficientExecutionStackException)
        {
            throw new ChatTemplateException(context.Line, "it calls itself too deeply");
        }
    }
}
