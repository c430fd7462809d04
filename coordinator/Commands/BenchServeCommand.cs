using System.Collections.Immutable;
using System.CommandLine;
using Cluster.Coordinator.Benchmarking.Serving;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster bench serve</c>: what clients of a server get under load.</summary>
internal sealed class BenchServeCommand(Terminal terminal)
{
    private const int DefaultRequests = 100;
    private const int DefaultMaxSequences = 64;

    private readonly ServerOptionSet _server = new(terminal);
    private readonly Option<IReadOnlyList<int>?> _concurrency = ArgumentParsers.WholeNumbers("--concurrency", "Requests at a time, each followed by the next (closed loop) [default: 1]", most: 4096);
    private readonly Option<IReadOnlyList<float>?> _rates = ArgumentParsers.ValueList<float>(
        "--rate", "R", "Requests a second that arrive by chance, whatever becomes of them (open loop)", "numbers above 0", ParseRate);

    private readonly Option<int?> _requests = ArgumentParsers.WholeNumber("--requests", "N", $"Requests of each load [default: {DefaultRequests}, or as many as --duration allows]");
    private readonly Option<int?> _duration = ArgumentParsers.WholeNumber("--duration", "SECONDS", "Time of each load, after which no request is begun");
    private readonly Option<TokenRange?> _prompt = Range("--prompt-tokens", "Length of prompts [default: 32-512]");
    private readonly Option<TokenRange?> _output = Range("--output-tokens", "Length of answers [default: 16-256]");
    private readonly Option<int?> _stall = ArgumentParsers.WholeNumber("--stall", "SECONDS", "A stream that brings nothing for so long is stalled [default: 10]");
    private readonly Option<int?> _seed = ArgumentParsers.WholeNumber("--seed", "N", "The same seed asks the same [default: random]", 0);
    private readonly Option<bool> _chat = new("--chat") { Description = "Ask to chat instead of to continue texts" };
    private readonly Option<bool> _keepEnd = new("--stop-at-end") { Description = "Let answers end where the model ends them; needed for servers that do not know ignore_eos" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object and nothing else" };

    public Command Build()
    {
        var command = new Command("serve", "Measure what clients of a server with OpenAI's API get under load");
        _server.AddTo(command);
        foreach (Option option in (ReadOnlySpan<Option>)[_concurrency, _rates, _requests, _duration, _prompt, _output, _stall, _seed, _chat, _keepEnd, _json]) command.Add(option);
        command.SetAction(RunAsync);
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var options = Read(parse);
        var connection = await _server.OpenAsync(parse, DefaultMaxSequences, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var model = await connection.Client.ModelAsync(cancellationToken).ConfigureAwait(false);
            var target = new ServerTarget(connection.Client, model, parse.GetValue(_chat), !parse.GetValue(_keepEnd));
            var tokensPerWord = await target.TryAsync(cancellationToken).ConfigureAwait(false);
            var results = new List<LoadResult>();
            foreach (var (index, load) in options.Loads.Index())
            {
                terminal.Error.WriteLine($"load {index + 1} of {options.Loads.Length}: {load}");

                // Prompts of their own, or the prefix cache would know them from the load before.
                var own = options with { Seed = unchecked(options.Seed + index) };
                results.Add(await new LoadRunner(own, TimeProvider.System).RunAsync(load, target, new RequestPlan(own, tokensPerWord), cancellationToken).ConfigureAwait(false));
            }

            var report = new ServingReport($"cluster {string.Join(' ', parse.Tokens.Select(token => token.Value))}", connection.Client.Server, model, options, results);
            if (parse.GetValue(_json)) ServingJson.Write(report, terminal.Out);
            else ServingMarkdown.Write(report, terminal.Out);
            return results.Any(result => result.Errors + result.Stalled > 0) ? ExitCodes.Failure : ExitCodes.Success;
        }
    }

    private ServingOptions Read(ParseResult parse)
    {
        var closed = parse.GetValue(_concurrency)?.Select(count => new Load(count, null)) ?? [];
        var open = parse.GetValue(_rates)?.Select(rate => new Load(null, rate)) ?? [];
        ImmutableArray<Load> loads = [.. closed, .. open];
        var (requests, duration) = (parse.GetValue(_requests), parse.GetValue(_duration));
        return new ServingOptions
        {
            Loads = loads.IsEmpty ? [new Load(1, null)] : loads,
            PromptTokens = parse.GetValue(_prompt) ?? new TokenRange(32, 512),
            OutputTokens = parse.GetValue(_output) ?? new TokenRange(16, 256),
            Requests = requests ?? (duration is null ? DefaultRequests : null),
            Duration = duration is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
            StallAfter = TimeSpan.FromSeconds(parse.GetValue(_stall) ?? 10),
            Seed = parse.GetValue(_seed) ?? Random.Shared.Next(),
        };
    }

    private static Option<TokenRange?> Range(string name, string description) => ArgumentParsers.Parsed(name, "N-M", description, "a number of tokens, or two as in 32-512", TokenRange.Parse);

    private static float? ParseRate(string text) =>
        float.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var rate) && rate > 0 && float.IsFinite(rate) ? rate : null;
}
