using System.Text.Json;

namespace Cluster.Coordinator.Chat;

/// <summary>Lines that begin with a slash.</summary>
internal sealed class SlashCommands
{
    private const string Exit = "/exit";

    private readonly ChatSession _session;
    private readonly SlashCommand[] _all;

    public SlashCommands(ChatSession session)
    {
        _session = session;
        _all =
        [
            new("/help", "", "Show this help", (_, _) => Do(Help)),
            new("/clear", "", "Forget the conversation", (_, _) => Do(session.Clear)),
            new("/system", "[TEXT]", "Tell the model TEXT before all else, or nothing", (text, _) => Do(() => session.Conversation.System = text)),
            new("/set", "[NAME [VALUE]]", "Set a parameter, as in /set temperature 0.2; without a value the server's default again", (text, _) => Do(() => Set(text))),
            new("/save", "FILE", "Save the conversation", (path, _) => Do(() => WithFile(path, () => session.Conversation.Save(path)))),
            new("/load", "FILE", "Go on with a saved one", (path, _) => Do(() => WithFile(path, () => Load(path)))),
            new("/retry", "", "Have the last question answered again", (_, cancellationToken) => session.RetryAsync(cancellationToken)),
            new("/stats", "", "What the last answer took", (_, _) => Do(() => session.Say(session.Statistics?.ToString() ?? "nothing was answered yet"))),
            new(Exit, "", "Leave, as the end of the input does", (_, _) => Task.CompletedTask),
        ];
    }

    /// <returns>False when it is time to leave.</returns>
    public async Task<bool> RunAsync(string line, CancellationToken cancellationToken)
    {
        var end = line.AsSpan().IndexOfAny(" \t\n");
        var (name, argument) = end < 0 ? (line, "") : (line[..end], line[end..].Trim());
        if (name == Exit) return false;
        if (Array.Find(_all, command => command.Name == name) is { } known) await known.Run(argument, cancellationToken).ConfigureAwait(false);
        else _session.Complain($"there is no {name}; /help lists what there is");
        return true;
    }

    private void Help()
    {
        foreach (var command in _all) _session.Say($"{$"{command.Name} {command.Argument}",-20} {command.Description}");
        _session.Say("A line that ends with \\ goes on in the next; a text between \"\"\" and \"\"\" may have many. Ctrl+C stops an answer, a second one leaves.");
    }

    private void Set(string text)
    {
        if (text.Length == 0)
        {
            foreach (var (setting, chosen) in _session.Settings.Values) _session.Say($"{setting} {chosen}");
            return;
        }

        var end = text.AsSpan().IndexOfAny(" \t=");
        var (name, value) = end < 0 ? (text, "") : (text[..end], text[(end + 1)..].Trim());
        if (_session.Settings.Set(name, value) is { } problem) _session.Complain(problem);
    }

    private void Load(string path)
    {
        _session.Conversation.Load(path);
        _session.Say($"{_session.Conversation.Count} messages");
    }

    private void WithFile(string path, Action act)
    {
        if (path.Length == 0)
        {
            _session.Complain("the name of a file is missing");
            return;
        }

        try
        {
            act();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or ArgumentException)
        {
            _session.Complain(e is JsonException ? $"{path} is no saved conversation: {e.Message}" : e.Message);
        }
    }

    private static Task Do(Action act)
    {
        act();
        return Task.CompletedTask;
    }
}
