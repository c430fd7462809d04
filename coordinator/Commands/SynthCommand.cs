using System.CommandLine;
using System.Globalization;
using Cluster.Coordinator.Models;
using Cluster.Coordinator.Planning;
using Cluster.Model.Formats;
using Cluster.Model.Synthesis;

namespace Cluster.Coordinator.Commands;

/// <summary><c>cluster synth</c>: a model of random weights, for measurements.</summary>
internal sealed class SynthCommand(Terminal terminal)
{
    private readonly Option<string?> _shape = new("--shape")
    {
        Description = $"A named shape: {string.Join(", ", SynthShapes.All.Select(shape => shape.Name))}",
        HelpName = "NAME",
    };

    private readonly Option<int?>[] _numbers =
    [
        ArgumentParsers.WholeNumber("--layers", "N", "Layers; these replace the named shape's numbers, or describe a shape without a name"),
        ArgumentParsers.WholeNumber("--hidden", "N", "Width of the hidden states"),
        ArgumentParsers.WholeNumber("--ffn", "N", "Feed-forward columns"),
        ArgumentParsers.WholeNumber("--heads", "N", "Query heads"),
        ArgumentParsers.WholeNumber("--kv-heads", "N", "Key and value heads [default: as many as heads]"),
        ArgumentParsers.WholeNumber("--head-dim", "N", "Elements of a head [default: hidden / heads]"),
        ArgumentParsers.WholeNumber("--vocab", "N", "Tokens of the vocabulary"),
        ArgumentParsers.WholeNumber("--context", "N", "Context length [default: 4096]"),
    ];

    private readonly Option<WeightMix?> _type = ArgumentParsers.Weights("--type", "Format of the matrices [default: q4_0]");
    private readonly Option<FileInfo> _output = new("--output", "-o") { Description = "File to write", HelpName = "FILE", Required = true };
    private readonly Option<int?> _seed = ArgumentParsers.WholeNumber("--seed", "N", "The same seed gives the same file [default: 0]", 0);

    public Command Build()
    {
        var command = new Command("synth", "Write a model of random weights, for measurements") { _shape };
        foreach (var number in _numbers) command.Add(number);
        command.Add(_type);
        command.Add(_output);
        command.Add(_seed);
        command.SetAction((parse, cancellationToken) => RunAsync(parse, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parse, CancellationToken cancellationToken)
    {
        var type = parse.GetValue(_type) ?? WeightMix.Of(TensorType.Q4_0);
        var shape = ReadShape(parse);
        if (shape.Problem(type) is { } problem) throw new UsageException(problem);

        var path = parse.GetRequiredValue(_output).FullName;
        using (var progress = ProgressBar.Start(terminal, true, $"Writing {Path.GetFileName(path)}"))
        {
            var report = new SynchronousProgress<SynthProgress>(written => progress.Report(written.BytesWritten, written.TotalBytes));
            await Task.Run(() => SynthModelWriter.Write(shape, type, path, parse.GetValue(_seed) ?? 0, report, cancellationToken), cancellationToken)
                .ConfigureAwait(false);
        }

        terminal.Out.WriteLine($"{path}: {ByteSize.Format(new FileInfo(path).Length)}");
        return ExitCodes.Success;
    }

    private SynthShape ReadShape(ParseResult parse)
    {
        var name = parse.GetValue(_shape);
        var parts = name is null ? [] : new List<string> { name };
        foreach (var number in _numbers)
        {
            if (parse.GetValue(number) is { } value) parts.Add(string.Create(CultureInfo.InvariantCulture, $"{number.Name[2..]}={value}"));
        }

        if (parts.Count == 0) throw new UsageException("--shape or the numbers of one are needed");
        return SynthShape.TryParse(string.Join(',', parts), out var shape, out var error) ? shape : throw new UsageException(error);
    }
}
