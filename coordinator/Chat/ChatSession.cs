using System.Text;
using Cluster.Coordinator.Api;
using Cluster.Coordinator.Clients;

namespace Cluster.Coordinator.Chat;

/// <summary>A conversation between whoever writes the lines and a model on a server.</summary>
/// <param name="client">The way to the server.</param>
/// <param name="model">Which of its models.</param>
/// <param name="input">What is said.</param>
/// <param name="output">Answers.</param>
/// <param name="error">Everything that goes wrong, a line each.</param>
/// <param name="time">The clock.</param>
internal sealed class ChatSession(CompletionClient client, string model, ChatInput input, TextWriter output, TextWriter error, TimeProvider time)
{
    private CancellationTokenSource? _answering;
    private string? _unanswered;

    public Conversation Conversation { get; } = new();

    public ChatSettings Settings { get; } = new();

    /// <summary>Of the last answer; null before.</summary>
    public AnswerStatistics? Statistics { get; private set; }

    /// <summary>Whether something went wrong.</summary>
    public bool HasFailed { get; private set; }

    /// <summary>Until the input ends, or is told to.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var commands = new SlashCommands(this);
        while (await input.ReadAsync(cancellationToken).ConfigureAwait(false) is { } text)
        {
            if (text.StartsWith('/'))
            {
                if (!await commands.RunAsync(text, cancellationToken).ConfigureAwait(false)) return;
            }
            else if (!string.IsNullOrWhiteSpace(text))
            {
                await AskAsync(text, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Stops the answer under way.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Interrupt()
    {
        if (_answering is not { IsCancellationRequested: false } answering) return false;
        answering.Cancel();
        return true;
    }

    public void Say(string line) => output.WriteLine(line);

    public void Complain(string problem)
    {
        HasFailed = true;
        error.WriteLine($"cluster: {problem}");
    }

    /// <summary>Forgets what was said.</summary>
    public void Clear()
    {
        Conversation.Clear();
        _unanswered = null;
    }

    /// <summary>Asks the last question again.</summary>
    public async Task RetryAsync(CancellationToken cancellationToken)
    {
        if (_unanswered is { } question)
        {
            await AskAsync(question, cancellationToken).ConfigureAwait(false);
        }
        else if (Conversation.Last is { Role: "assistant" })
        {
            Conversation.RemoveLast();
            await AnswerAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Complain("nothing was asked yet");
        }
    }

    private Task AskAsync(string question, CancellationToken cancellationToken)
    {
        _unanswered = null;
        Conversation.Add(new ChatTurn("user", question));
        return AnswerAsync(cancellationToken);
    }

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        var answer = new StringBuilder();
        using var answering = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _answering = answering;
        string? problem = null;
        try
        {
            await ReadAsync(answer, answering.Token).ConfigureAwait(false);
        }
        catch (ServerException e)
        {
            problem = e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Interrupted: what was said stays said.
        }
        finally
        {
            _answering = null;
        }

        if (answer.Length > 0) output.WriteLine();
        if (problem is not null) Complain(problem);
        if (answer.Length > 0) Conversation.Add(new ChatTurn("assistant", answer.ToString()));
        else TakeBack();
    }

    private async Task ReadAsync(StringBuilder answer, CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        long? first = null;
        var last = asked;
        int? promptTokens = null, tokens = null;
        await foreach (var part in client.StreamAsync("v1/chat/completions", Body(), cancellationToken).ConfigureAwait(false))
        {
            (promptTokens, tokens) = (part.PromptTokens ?? promptTokens, part.CompletionTokens ?? tokens);
            if (part.Text.Length == 0) continue;
            last = time.GetTimestamp();
            first ??= last;
            answer.Append(part.Text);
            await output.WriteAsync(part.Text).ConfigureAwait(false);
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        }

        Statistics = new AnswerStatistics(promptTokens, tokens, time.GetElapsedTime(asked, first ?? last), time.GetElapsedTime(first ?? last, last));
    }

    /// <summary>A question without an answer is no part of the conversation, but can be asked again.</summary>
    private void TakeBack()
    {
        _unanswered = Conversation.Last!.Content;
        Conversation.RemoveLast();
    }

    private ReadOnlyMemory<byte> Body() => JsonResponses.Build(json =>
    {
        json.WriteStartObject();
        json.WriteString("model", model);
        Conversation.Write(json);
        Settings.Write(json);
        json.WriteBoolean("stream", true);
        json.WriteStartObject("stream_options");
        json.WriteBoolean("include_usage", true);
        json.WriteEndObject();
        json.WriteEndObject();
    });
}
