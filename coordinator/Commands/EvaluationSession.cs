using Cluster.Coordinator.Evaluation;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Coordinator.Sessions;

namespace Cluster.Coordinator.Commands;

/// <summary>A text and a model to score it with: workers up, model loaded with every cache of the plan, work done, workers down.</summary>
internal sealed class EvaluationSession(Terminal terminal, EvaluationOptions options)
{
    private readonly TimeProvider _time = TimeProvider.System;

    /// <param name="evaluate">What is done with the model, the text and the loaded session.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task RunAsync(Func<ServedModel, TextWindows, ModelSession, Task> evaluate, CancellationToken cancellationToken)
    {
        // What cannot be scored on any workers is told without starting one.
        using var model = ServedModel.Open(options.ModelPath);
        var facts = ModelFacts.Of(model);
        ClusterPlanner.Plan(ImaginedMembers.Create(options.Workers.Count, memoryBytes: 0), facts, options.Plan, version: 1).Require();
        var text = await File.ReadAllTextAsync(options.TextPath, cancellationToken).ConfigureAwait(false);
        var windows = TextWindows.Cut(model.Tokenizer, text, options.Context, options.Chunks);

        var host = await ClusterHost.StartAsync(options.Listen, options.Workers, null, _time, cancellationToken).ConfigureAwait(false);
        await using (host.ConfigureAwait(false))
        {
            var members = await host.WaitForWorkersAsync(options.Workers.Count, cancellationToken).ConfigureAwait(false);
            var plan = ClusterPlanner.Plan(members, facts, options.Plan, version: 1).Require();
            var session = await ModelLoading.RunAsync(
                terminal, true, host, model, plan, options.Scheduling, _time, cancellationToken).ConfigureAwait(false);
            await using (session.ConfigureAwait(false)) await evaluate(model, windows, session).ConfigureAwait(false);
        }
    }

    /// <summary>Scores the text with every cache of the session.</summary>
    public async Task<IReadOnlyList<CacheScores>> ScoreAsync(TextWindows windows, ModelSession session, CancellationToken cancellationToken)
    {
        using var progress = ProgressBar.Start(terminal, true, $"Scoring {windows.Windows.Length} windows of {windows.Context} tokens");
        return await TextEvaluation.RunAsync(
            session.Engine, windows, 1 + options.Plan.ComparedFormats.Length, options.Plan.MaxStepTokens, progress.Report, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tokens per second that each cache decodes at the end of a context.</summary>
    public async Task<double[]> TimeDecodeAsync(TextWindows windows, int context, ModelSession session, CancellationToken cancellationToken)
    {
        using var progress = ProgressBar.Start(terminal, true, $"Timing decode at {context} tokens");
        double[] rates = [];
        await session.Engine.RunBetweenStepsAsync(async parts => rates = await new DecodeMeasurement(parts, options.Plan.MaxStepTokens).RunAsync(
            windows.Windows[0], context, 1 + options.Plan.ComparedFormats.Length, progress.Report, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        return rates;
    }
}
