using Cluster.Model.Formats;

namespace Cluster.Benchmarks.Attention;

/// <summary>What the <c>attention</c> verb measures.</summary>
internal sealed record AttentionBenchmarkOptions
{
    /// <summary>Key and value types.</summary>
    public (TensorType Keys, TensorType Values)[] Types { get; init; } =
    [
        (TensorType.F16, TensorType.F16), (TensorType.Q8_0, TensorType.Q8_0), (TensorType.Q8_0, TensorType.Q4_0),
        (TensorType.Q4_0, TensorType.Q4_0),
    ];

    /// <summary>Query heads, KV heads, head dimension.</summary>
    public (int Heads, int KvHeads, int HeadDim)[] Shapes { get; init; } = [(32, 4, 64), (32, 8, 128)];

    /// <summary>Tokens that a query sees.</summary>
    public int[] Contexts { get; init; } = [512, 8192, 32768];

    public int[] Threads { get; init; } = [1, Environment.ProcessorCount];

    /// <summary>Query tokens of the prefill chunk that ends each context; 0 measures decode only.</summary>
    public int Chunk { get; init; } = 512;

    public int Repetitions { get; init; } = 7;

    /// <exception cref="FormatException">An argument that is none of these.</exception>
    public static AttentionBenchmarkOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new AttentionBenchmarkOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var name = arguments[i];
            if (i + 1 == arguments.Length) throw new FormatException($"{name} needs a value");
            var value = arguments[i + 1];
            options = name switch
            {
                "--types" => options with { Types = [.. value.Split(',').Select(ParseTypes)] },
                "--shapes" => options with { Shapes = [.. value.Split(',').Select(ParseShape)] },
                "--contexts" => options with { Contexts = [.. value.Split(',').Select(ParseCount)] },
                "--threads" => options with { Threads = [.. value.Split(',').Select(ParseCount)] },
                "--chunk" => options with { Chunk = value == "0" ? 0 : ParseCount(value) },
                "--repetitions" => options with { Repetitions = ParseCount(value) },
                _ => throw new FormatException($"no option {name}"),
            };
        }

        return options;
    }

    private static (TensorType Keys, TensorType Values) ParseTypes(string text) =>
        text.Split('/') is [var keys, var values] && TensorTraits.TryParse(keys, out var key) && TensorTraits.TryParse(values, out var value)
            ? (key, value)
            : throw new FormatException($"no types {text}");

    private static (int Heads, int KvHeads, int HeadDim) ParseShape(string text) =>
        text.Split('x', '/') is [var heads, var kvHeads, var headDim]
            ? (ParseCount(heads), ParseCount(kvHeads), ParseCount(headDim))
            : throw new FormatException($"no shape {text}");

    private static int ParseCount(string text) =>
        int.TryParse(text, out var count) && count > 0 ? count : throw new FormatException($"no positive number: {text}");
}
