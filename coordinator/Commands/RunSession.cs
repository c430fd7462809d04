using System.Text;
using Cluster.Coordinator.Engine;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Sessions;

namespace Cluster.Coordinator.Commands;

/// <summary>One <c>run</c>: workers up, model loaded, text out, workers down.</summary>
internal sealed class RunSession(Terminal terminal, RunOptions options)
{
    private readonly TimeProvider _time = TimeProvider.System;

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        // Worker processes take a moment to start: the model is opened meanwhile.
        var opening = Task.Run(() => ServedModel.Open(options.ModelPath), cancellationToken);
        try
        {
            var host = await ClusterHost.StartAsync(options.Listen, options.Workers, null, _time, cancellationToken).ConfigureAwait(false);
            await using (host.ConfigureAwait(false))
            {
                return await GenerateAsync(host, await opening.ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            await DisposeAsync(opening).ConfigureAwait(false);
        }
    }

    private async Task<int> GenerateAsync(ClusterHost host, ServedModel model, CancellationToken cancellationToken)
    {
        var prompt = model.Tokenizer.Encode(options.Prompt, addSpecial: true, parseSpecial: true);
        var facts = ModelFacts.Of(model);
        var wanted = options.Plan with { ContextLength = CheckContext(model, prompt.Count) };

        // What cannot be planned for any workers is told without waiting for them.
        ClusterPlanner.Plan(ImaginedMembers.Create(options.Workers.Count, memoryBytes: 0), facts, wanted, version: 1).Require();
        var members = await host.WaitForWorkersAsync(options.Workers.Count, cancellationToken).ConfigureAwait(false);
        var plan = ClusterPlanner.Plan(members, facts, wanted, version: 1).Require();
        var session = await ModelLoading.RunAsync(
            terminal, !options.Json, host, model, plan, options.Scheduling, _time, cancellationToken).ConfigureAwait(false);
        await using (session.ConfigureAwait(false))
        {
            var restored = options.LoadCachePath is { } loadPath
                ? await session.CacheFiles.RestoreAsync(loadPath, cancellationToken).ConfigureAwait(false)
                : null;
            using var stream = session.Engine.Submit(new GenerationRequest
            {
                Prompt = prompt.ToArray(),
                Sampling = options.Sampling,
                MaxTokens = options.MaxTokens,
                IgnoreEndOfText = options.IgnoreEndOfText,
            });
            var (tokens, text) = await CollectAsync(stream, cancellationToken).ConfigureAwait(false);
            var summary = stream.Summary!;
            if (summary.Reason == FinishReason.Error) throw new EngineException(summary.Error!);

            var saved = options.SaveCachePath is { } savePath
                ? await session.CacheFiles.SaveAsync(savePath, (int[])[.. prompt, .. tokens], cancellationToken).ConfigureAwait(false)
                : null;
            var report = new RunReport(prompt, tokens, text, session.KvBytesPerToken, summary, restored, saved);
            if (options.Json) report.WriteJson(terminal.Out);
            else terminal.Error.WriteLine(report.Line());
            return ExitCodes.Success;
        }
    }

    /// <returns>The tokens that the cache has to hold: no more than the text can become.</returns>
    private int CheckContext(ServedModel model, int promptTokens)
    {
        var context = options.Plan.ContextLength ?? model.Config.ContextLength;
        if (context > model.Config.ContextLength)
            throw new ClusterException($"--context {context} is longer than the model's {model.Config.ContextLength}");
        if (promptTokens == 0) throw new ClusterException("the prompt is empty, and this model begins no text of its own");
        if (promptTokens >= context) throw new ClusterException($"the prompt has {promptTokens} tokens, which leaves no room in the context of {context}");
        return (int)Math.Min(context, (long)promptTokens + options.MaxTokens);
    }

    private async Task<(List<int> Tokens, string Text)> CollectAsync(TokenStream stream, CancellationToken cancellationToken)
    {
        var tokens = new List<int>();
        var text = new StringBuilder();
        await foreach (var token in stream.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (token.TokenId is { } id) tokens.Add(id);
            text.Append(token.Text);
            if (options.Json) continue;

            terminal.Out.Write(token.Text);
            terminal.Out.Flush();
        }

        if (!options.Json) terminal.Out.WriteLine();
        return (tokens, text.ToString());
    }

    private static async Task DisposeAsync(Task<ServedModel> opening)
    {
        await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (opening.IsCompletedSuccessfully) (await opening.ConfigureAwait(false)).Dispose();
    }
}
