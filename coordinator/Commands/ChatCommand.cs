using System.CommandLine;
using Cluster.Coordinator.Chat;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster chat</c>: a conversation in the terminal, or by a script's lines.</summary>
internal sealed class ChatCommand(Terminal terminal)
{
    private readonly ServerOptionSet _server = new(terminal);
    private readonly Option<string?> _system = new("--system") { Description = "What the model is told before all else", HelpName = "TEXT" };
    private readonly Option<string[]> _settings = new("--set")
    {
        Description = $"A parameter of requests, as in temperature=0.2: {string.Join(", ", ChatSettings.Names)}",
        HelpName = "NAME=VALUE",
    };

    public Command Build()
    {
        var command = new Command("chat", "Talk to a model in the terminal: on a server, or on workers started for it");
        _server.AddTo(command);
        command.Add(_system);
        command.Add(_settings);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var connection = await _server.OpenAsync(parse, maxSequences: 1, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var model = await connection.Client.ModelAsync(cancellationToken).ConfigureAwait(false);
            var lines = new TerminalLines(terminal);
            var session = new ChatSession(connection.Client, model, new ChatInput(lines.ReadAsync), terminal.Out, terminal.Error, TimeProvider.System);
            session.Conversation.System = parse.GetValue(_system) ?? "";
            foreach (var setting in parse.GetValue(_settings) ?? []) Set(session.Settings, setting);
            if (terminal.IsInputInteractive) terminal.Out.WriteLine($"{model} at {connection.Client.Server}; /help lists commands");

            using var interception = Interruption.Intercept(session.Interrupt);
            await session.RunAsync(cancellationToken).ConfigureAwait(false);
            return session.HasFailed && !terminal.IsInputInteractive ? ExitCodes.Failure : ExitCodes.Success;
        }
    }

    private static void Set(ChatSettings settings, string text)
    {
        var parts = text.Split('=', 2);
        if (parts.Length < 2 || parts[1].Length == 0) throw new UsageException($"--set needs NAME=VALUE, not '{text}'");
        if (settings.Set(parts[0], parts[1]) is { } problem) throw new UsageException($"--set: {problem}");
    }
}
