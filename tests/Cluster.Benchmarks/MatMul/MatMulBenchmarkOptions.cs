using Cluster.Compute.Cpu;
using Cluster.Model.Formats;

namespace Cluster.Benchmarks.MatMul;

/// <summary>What the <c>matmul</c> verb measures.</summary>
internal sealed record MatMulBenchmarkOptions
{
    public TensorType[] Types { get; init; } =
    [
        TensorType.Q4_0, TensorType.Q8_0, TensorType.Q4_K, TensorType.Q6_K, TensorType.F16, TensorType.F32,
        TensorType.BF16, TensorType.Q4_1, TensorType.Q5_0, TensorType.Q5_1, TensorType.Q5_K, TensorType.IQ4_NL,
    ];

    /// <summary>Rows and columns.</summary>
    public (int Rows, int Columns)[] Shapes { get; init; } = [(2048, 2048), (5632, 2048), (2048, 5632), (32000, 2048)];

    public int[] Threads { get; init; } = [1, Environment.ProcessorCount];

    /// <summary>Tokens of the product of many tokens.</summary>
    public int Tokens { get; init; } = 128;

    /// <summary>Weights that one repetition of one token streams through: far more than caches hold, else the kernels' own speed.</summary>
    public int StreamMebibytes { get; init; } = 192;

    public int Repetitions { get; init; } = 7;

    public CpuIsa Isa { get; init; } = CpuIsa.Best;

    /// <exception cref="FormatException">An argument that is none of these.</exception>
    public static MatMulBenchmarkOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new MatMulBenchmarkOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var name = arguments[i];
            if (i + 1 == arguments.Length) throw new FormatException($"{name} needs a value");
            var value = arguments[i + 1];
            options = name switch
            {
                "--types" => options with { Types = [.. value.Split(',').Select(ParseType)] },
                "--shapes" => options with { Shapes = [.. value.Split(',').Select(ParseShape)] },
                "--threads" => options with { Threads = [.. value.Split(',').Select(ParseCount)] },
                "--tokens" => options with { Tokens = ParseCount(value) },
                "--stream" => options with { StreamMebibytes = ParseCount(value) },
                "--repetitions" => options with { Repetitions = ParseCount(value) },
                "--isa" => options with
                {
                    Isa = Enum.TryParse<CpuIsa>(value, true, out var isa) ? isa : throw new FormatException($"no instruction set {value}"),
                },
                _ => throw new FormatException($"no option {name}"),
            };
        }

        return options;
    }

    private static TensorType ParseType(string name) =>
        TensorTraits.TryParse(name, out var type) ? type : throw new FormatException($"no type {name}");

    private static (int Rows, int Columns) ParseShape(string text) =>
        text.Split('x') is [var rows, var columns] ? (ParseCount(rows), ParseCount(columns)) : throw new FormatException($"no shape {text}");

    private static int ParseCount(string text) =>
        int.TryParse(text, out var count) && count > 0 ? count : throw new FormatException($"no positive number: {text}");
}
