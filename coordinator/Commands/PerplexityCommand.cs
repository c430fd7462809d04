using System.CommandLine;
using System.Diagnostics;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster perplexity MODEL --file TEXT</c>: how well a model predicts a text, and what its KV cache's format costs.</summary>
internal sealed class PerplexityCommand(Terminal terminal)
{
    private readonly EvaluationOptionSet _evaluation = new();
    private readonly CacheFormatOptionSet _format = new();
    private readonly Option<KvCacheFormat?> _baseline = ArgumentParsers.CachePair(
        "--baseline", "Also score with a cache of this format, such as f16/f16, and tell KL divergence and top-1 agreement against it");

    public Command Build()
    {
        var command = new Command("perplexity", "Score a text: perplexity, and what the KV cache's format costs");
        _evaluation.AddTo(command);
        _format.AddTo(command);
        command.Add(_baseline);
        command.SetAction((parse, cancellationToken) => RunAsync(parse, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var options = _evaluation.Read(parse);
        var format = _format.Read(parse);
        var baseline = parse.GetValue(_baseline);
        options = options with
        {
            Plan = options.Plan with { CacheFormat = baseline ?? format, ComparedFormats = baseline is null ? [] : [format] },
        };

        var session = new EvaluationSession(terminal, options);
        await session.RunAsync(
            async (model, windows, loaded) =>
            {
                var began = Stopwatch.GetTimestamp();
                var scores = await session.ScoreAsync(windows, loaded, cancellationToken).ConfigureAwait(false);
                var report = new PerplexityReport(model.Name, windows, format, scores[^1], baseline, scores[0], Stopwatch.GetElapsedTime(began));
                if (options.Json) report.WriteJson(terminal.Out);
                else report.WriteLines(terminal.Out);
            },
            cancellationToken).ConfigureAwait(false);
        return ExitCodes.Success;
    }
}
