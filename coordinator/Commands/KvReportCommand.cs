using System.Collections.Immutable;
using System.CommandLine;
using Cluster.Coordinator.Evaluation;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Sessions;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster kv-report MODEL --file TEXT</c>: what formats of the KV cache cost and gain, measured side by side in one run.</summary>
internal sealed class KvReportCommand(Terminal terminal)
{
    private const string DefaultTypes = "f16/f16,q8_0/q8_0,q8_0/q4_0,q8_0/iq4_nl,q4_0/q8_0,q4_0/q4_0";

    private static readonly Dictionary<string, int> s_rotations = new() { ["both"] = 0, ["on"] = 1, ["off"] = 2 };

    private readonly EvaluationOptionSet _evaluation = new();
    private readonly Option<string?> _types = new("--types") { Description = $"Formats of keys/values, separated by commas [default: {DefaultTypes}]", HelpName = "K/V,…" };
    private readonly Option<int?> _rotation = ArgumentParsers.OneOf("--rotation", "Quantized formats rotated, not rotated or both: on, off or both [default: both]", s_rotations);
    private readonly Option<int?> _decodeContext = ArgumentParsers.WholeNumber(
        "--decode-context", "N", "Tokens in the cache while decoding is timed [default: --context]", TextWindows.SmallestContext);
    private readonly Option<FileInfo?> _svg = new("--svg") { Description = "Also draw the report as a picture", HelpName = "FILE" };

    public Command Build()
    {
        var command = new Command("kv-report", "Measure what formats of the KV cache cost and gain, side by side");
        _evaluation.AddTo(command);
        foreach (Option option in (ReadOnlySpan<Option>)[_types, _rotation, _decodeContext, _svg]) command.Add(option);
        command.SetAction((parse, cancellationToken) => RunAsync(parse, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var formats = KvReportFormats.Expand(ReadTypes(parse), parse.GetValue(_rotation) switch { 1 => [true], 2 => [false], _ => [true, false] });
        var options = _evaluation.Read(parse);
        var decodeContext = parse.GetValue(_decodeContext) ?? options.Context;
        options = options with
        {
            Plan = options.Plan with
            {
                ContextLength = Math.Max(options.Context, decodeContext),
                CacheFormat = KvReportFormats.Baseline,
                ComparedFormats = formats.Remove(KvReportFormats.Baseline),
            },
        };

        var session = new EvaluationSession(terminal, options);
        await session.RunAsync(
            async (model, windows, loaded) =>
            {
                var scores = await session.ScoreAsync(windows, loaded, cancellationToken).ConfigureAwait(false);
                var rates = await session.TimeDecodeAsync(windows, decodeContext, loaded, cancellationToken).ConfigureAwait(false);
                Write(parse, options, Assemble(formats, model, windows, decodeContext, loaded, scores, rates));
            },
            cancellationToken).ConfigureAwait(false);
        return ExitCodes.Success;
    }

    private static KvReport Assemble(
        ImmutableArray<KvCacheFormat> formats, ServedModel model, TextWindows windows, int decodeContext, ModelSession session, IReadOnlyList<CacheScores> scores,
        double[] rates)
    {
        var caches = session.Plan.Options.CacheFormats.ToList();
        var tokens = (double)session.Plan.BlockCount * session.Plan.Options.BlockTokens;
        return new KvReport(model.Name, windows.Context, windows.Windows.Length, decodeContext,
        [
            .. formats.Select(caches.IndexOf).Select(cache => new KvReportRow(caches[cache], BytesOf(cache), BytesOf(0), scores[cache], rates[cache])),
        ]);

        double BytesOf(int cache) => session.Shards.Sum(shard => (double)shard.CacheBytes[cache]) / tokens * windows.Context;
    }

    private void Write(ParseResult parse, EvaluationOptions options, KvReport report)
    {
        if (options.Json) KvReportJson.Write(report, terminal.Out);
        else KvReportMarkdown.Write(report, terminal.Out);
        if (parse.GetValue(_svg) is not { } file) return;

        using var stream = file.Create();
        KvReportPicture.Write(report, stream);
    }

    private ImmutableArray<KvCacheFormat> ReadTypes(ParseResult parse) =>
    [
        .. (parse.GetValue(_types) ?? DefaultTypes).Split(',', StringSplitOptions.TrimEntries).Select(pair => CacheTypes.ParsePair(pair)
            ?? throw new UsageException($"--types needs KEYS/VALUES pairs, each one of {string.Join(", ", CacheTypes.ByName.Keys)}, not '{pair}'")),
    ];
}
