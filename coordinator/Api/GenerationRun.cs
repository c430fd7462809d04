using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Cluster.Coordinator.Api.Keys;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Scheduling;

namespace Cluster.Coordinator.Api;

/// <summary>
/// The texts that one request asks for, written at the same time. Of several for one prompt the first begins alone, so that the others find
/// its prompt in the cache.
/// </summary>
/// <param name="served">What writes them.</param>
/// <param name="prompts">Token ids of each prompt.</param>
/// <param name="parameters">How to go on from them.</param>
/// <param name="key">Who asks; null where nobody needs a key.</param>
internal sealed class GenerationRun(ServedEngine served, IReadOnlyList<int[]> prompts, GenerationParameters parameters, ApiKey? key)
{
    private const int Ahead = 64;

    public int ChoiceCount => prompts.Count * parameters.Choices;

    /// <summary>Whether a text is the first of its prompt.</summary>
    public bool IsFirstOfPrompt(int choice) => choice % parameters.Choices == 0;

    /// <summary>What the texts grow by, until all have ended. Leaving it early, or cancelling, gives them up.</summary>
    /// <exception cref="ApiException">A text could not be continued.</exception>
    public IAsyncEnumerable<AnswerPart> ReadAsync(CancellationToken cancellationToken) =>
        ChoiceCount == 1 ? ReadChoiceAsync(0, new TaskCompletionSource(), cancellationToken) : ReadAllAsync(cancellationToken);

    private async IAsyncEnumerable<AnswerPart> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var parts = Channel.CreateBounded<AnswerPart>(new BoundedChannelOptions(Ahead) { SingleReader = true });
        var prefilled = prompts.Select(static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var choices = Enumerable.Range(0, ChoiceCount).Select(choice => CopyAsync(choice, prefilled[choice / parameters.Choices], parts.Writer, ending.Token)).ToArray();
        var all = Task.WhenAll(choices).ContinueWith(done => parts.Writer.TryComplete(done.Exception?.InnerException), TaskScheduler.Default);
        try
        {
            await foreach (var part in parts.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return part;

            // Texts that were given up end without a word.
            cancellationToken.ThrowIfCancellationRequested();
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await all.ConfigureAwait(false);
        }
    }

    private async Task CopyAsync(int choice, TaskCompletionSource prefilled, ChannelWriter<AnswerPart> parts, CancellationToken cancellationToken)
    {
        try
        {
            if (!IsFirstOfPrompt(choice)) await prefilled.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
            await foreach (var part in ReadChoiceAsync(choice, prefilled, cancellationToken).ConfigureAwait(false))
                await parts.WriteAsync(part, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One text's failure is the answer's: the reader learns of it now, and then gives up the others.
            parts.TryComplete(e);
        }
        finally
        {
            prefilled.TrySetResult();
        }
    }

    private async IAsyncEnumerable<AnswerPart> ReadChoiceAsync(
        int choice, TaskCompletionSource prefilled, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var prompt = prompts[choice / parameters.Choices];
        var slot = served.Slots.Begin(prompt);
        using var stream = served.Engine.Submit(Request(choice % parameters.Choices, prompt, slot));

        // Whoever reads may be held up by a client that does not.
        using var cancelling = cancellationToken.Register(stream.Dispose);
        var tokens = new List<TokenEvent>();
        await foreach (var token in stream.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            prefilled.TrySetResult();
            if (token.TokenId is not null) tokens.Add(token);

            // A token may complete no character yet, or be held back because a stop string may be beginning.
            if (token.Text.Length == 0) continue;
            yield return new AnswerPart(choice, token.Text, tokens);
            tokens = [];
        }

        cancellationToken.ThrowIfCancellationRequested();
        var summary = stream.Summary!;
        if (ErrorOf(summary) is { } error) throw new ApiException(error);

        // What is left of a text that was stopped is the stop string or the token that ended it.
        yield return new AnswerPart(choice, "", summary.Reason == FinishReason.Length ? tokens : [], summary);
    }

    private GenerationRequest Request(int choice, int[] prompt, int? slot) => new()
    {
        Prompt = prompt,
        Tenant = key?.Tenant ?? Tenant.Anyone,
        Sampling = parameters.Sampling with { Seed = unchecked(parameters.Sampling.Seed + (ulong)choice) },
        MaxTokens = Math.Min(parameters.MaxTokens ?? int.MaxValue, key?.ContextLength - prompt.Length ?? int.MaxValue),
        StopStrings = parameters.Stop,
        IgnoreEndOfText = parameters.IgnoreEndOfText,
        Ended = tokens => served.Slots.End(slot, tokens),
    };

    private static ApiError? ErrorOf(GenerationSummary summary) => summary.Reason switch
    {
        FinishReason.Error => new ApiError(503, $"The text could not be continued: {summary.Error}."),
        FinishReason.Cancelled => new ApiError(503, "The server is shutting down."),
        _ => null,
    };
}
