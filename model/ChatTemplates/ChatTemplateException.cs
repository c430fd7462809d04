namespace Cluster.Model.ChatTemplates;

/// <summary>A template cannot be read or rendered. The message is one line that names the place.</summary>
public sealed class ChatTemplateException : Exception
{
    /// <param name="line">Of the template, from 1.</param>
    /// <param name="problem">One line.</param>
    /// <param name="isRefusal">Whether the template itself refused what it was given.</param>
    public ChatTemplateException(int line, string problem, bool isRefusal = false)
        : base($"chat template, line {line}: {problem}")
    {
        Line = line;
        Problem = problem;
        IsRefusal = isRefusal;
    }

    /// <summary>Of the template, from 1.</summary>
    public int Line { get; }

    /// <summary>The message without the place.</summary>
    public string Problem { get; }

    /// <summary>The template called <c>raise_exception</c>: the messages are not what the model was made for.</summary>
    public bool IsRefusal { get; }
}
