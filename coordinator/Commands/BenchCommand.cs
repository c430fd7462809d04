using System.Collections.Immutable;
using System.CommandLine;
using System.Reflection;
using Cluster.Coordinator.Benchmarking;
using Cluster.Coordinator.Models;
using Cluster.Model.Formats;
using Cluster.Model.Synthesis;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster bench</c>: how fast a model is taken in and continued, over the whole of a real cluster, beside what the devices do at most.</summary>
internal sealed class BenchCommand(Terminal terminal)
{
    private readonly Argument<FileInfo?> _model = new("MODEL")
    {
        Description = "GGUF file [default: the sample model]",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string?> _synthetic = new("--synthetic")
    {
        Description = $"A model of random weights instead, made once and kept: {string.Join(", ", SynthShapes.All.Select(shape => shape.Name))}",
        HelpName = "SHAPE",
    };

    private readonly Option<IReadOnlyList<WeightMix>?> _types = ArgumentParsers.List(
        "--type", "TYPE", "Formats of its matrices [default: q4_0]", $"types of {WeightMix.SupportedNames}", text => WeightMix.TryParse(text, out var mix) ? mix : null);

    private readonly BenchOptionSet _options = new();
    private readonly Option<bool> _breakdown = new("--breakdown") { Description = "Also tell where the time of steps goes: compute, wire, wait, scheduling, and the kernels of GPUs (with --json always)" };
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object and nothing else" };

    public Command Build()
    {
        var command = new Command("bench", "Measure prefill and decoding over the cluster, beside what memory and processors do at most") { _model, _synthetic, _types };
        _options.AddTo(command);
        command.Add(_breakdown);
        command.Add(_json);
        command.Add(new BenchServeCommand(terminal).Build());
        command.SetAction((parse, cancellationToken) => RunAsync(parse, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var (json, breakdown) = (parse.GetValue(_json), parse.GetValue(_breakdown));
        var options = _options.Read(parse, terminal.Error.WriteLine) with { TimesKernels = json || breakdown };
        var models = new List<ServedModel>();
        try
        {
            foreach (var path in await ModelPathsAsync(parse, options, cancellationToken).ConfigureAwait(false)) models.Add(ServedModel.Open(path));

            var runner = new BenchmarkRunner(
                options,
                (host, model, plan, scheduling) => ModelLoading.RunAsync(terminal, true, host, model, plan, scheduling, TimeProvider.System, cancellationToken),
                what => terminal.Error.WriteLine(what));
            await runner.RunAsync(models, cancellationToken).ConfigureAwait(false);

            var command = $"cluster {string.Join(' ', parse.Tokens.Select(token => token.Value))}";
            var report = new BenchmarkReport(command, Version, [.. runner.Devices], options.Repetitions, [.. runner.Rows(models)]);
            if (json) BenchJson.Write(report, terminal.Out);
            else BenchMarkdown.Write(report, breakdown, terminal.Out);
            return ExitCodes.Success;
        }
        finally
        {
            foreach (var model in models) model.Dispose();
        }
    }

    private static string Version =>
        typeof(BenchCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";

    private async Task<ImmutableArray<string>> ModelPathsAsync(ParseResult parse, BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var file = parse.GetValue(_model);
        var types = parse.GetValue(_types);
        if (parse.GetValue(_synthetic) is not { } name)
        {
            if (types is not null) throw new UsageException("--type is for --synthetic: a file has its own");
            return [file?.FullName ?? SampleModel.Path];
        }

        if (file is not null) throw new UsageException("MODEL and --synthetic cannot both be given");
        if (!SynthShape.TryParse(name, out var shape, out var error)) throw new UsageException(error);

        SyntheticModel[] synthetic = [.. (types ?? [WeightMix.Of(TensorType.Q4_0)]).Select(weights => new SyntheticModel(shape, weights, options.ContextLength))];
        if (synthetic.Select(model => model.Problem).FirstOrDefault(problem => problem is not null) is { } problem) throw new UsageException(problem);

        foreach (var model in synthetic) await EnsureAsync(model, cancellationToken).ConfigureAwait(false);
        return [.. synthetic.Select(model => model.Path)];
    }

    private async Task EnsureAsync(SyntheticModel model, CancellationToken cancellationToken)
    {
        if (File.Exists(model.Path)) return;

        terminal.Error.WriteLine($"making {model.Path}, which is kept for the next time");
        using var progress = ProgressBar.Start(terminal, true, $"Writing {Path.GetFileName(model.Path)}");
        await Task.Run(() => model.Write(report => progress.Report(report.BytesWritten, report.TotalBytes), cancellationToken), cancellationToken).ConfigureAwait(false);
    }
}
