using Cluster.Model.ChatTemplates;
using Cluster.Model.Gguf;

namespace Cluster.Coordinator.Models;

/// <summary>Which chat template a model is served with.</summary>
/// <param name="Template">The template.</param>
/// <param name="Origin">Where it comes from, for the user.</param>
internal sealed record ChatTemplateChoice(ChatTemplate Template, string Origin)
{
    private const string Key = "tokenizer.chat_template";

    // Of the published models' files none comes near it.
    private const long MaxFileBytes = 1 << 20;

    /// <summary>The named or given one, else the model's own, else a common one.</summary>
    /// <param name="option">Name of a built-in template or path of a file; null: the model's own.</param>
    /// <param name="metadata">Of the model.</param>
    /// <exception cref="ClusterException">There is no such template, or it cannot be read.</exception>
    public static ChatTemplateChoice Make(string? option, GgufMetadata metadata)
    {
        if (option is not null && BuiltInTemplates.Find(option) is { } named) return new(named, option);
        if (option is not null) return Parse(ReadFile(option), option);
        if (metadata.TryGetString(Key, out var own)) return Parse(own, "the model's own");
        return new(BuiltInTemplates.Find(BuiltInTemplates.Default)!, $"{BuiltInTemplates.Default}, because the model has none");
    }

    private static ChatTemplateChoice Parse(string source, string origin)
    {
        try
        {
            return new(ChatTemplate.Parse(source), origin);
        }
        catch (ChatTemplateException e)
        {
            throw new ClusterException($"the chat template ({origin}) cannot be used: line {e.Line}: {e.Problem}; choose another with --chat-template");
        }
    }

    private static string ReadFile(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists)
                throw new ClusterException($"--chat-template '{path}' is neither a file nor one of {string.Join(", ", BuiltInTemplates.Names)}");
            return file.Length <= MaxFileBytes ? File.ReadAllText(path) : throw new ClusterException($"--chat-template '{path}' has more than {MaxFileBytes} bytes");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ClusterException($"--chat-template '{path}' cannot be read: {e.Message}");
        }
    }
}
