using System.Runtime.InteropServices;
using Cluster.Model.Architecture;
using Cluster.Model.Formats;
using Cluster.Model.Gguf;

namespace Cluster.Model.Synthesis;

/// <summary>
/// Writes models of random weights. Matrices have a deviation of 1/√columns, so that activations keep their size through the
/// layers; norm gains lie around 1; everything but matrices is F32. Memory use does not grow with the model.
/// </summary>
public static class SynthModelWriter
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>
    /// Writes a model file. It appears under its name only when complete: until then it is <c>path.partial</c>, which is removed when
    /// writing fails. The same arguments give the same bytes.
    /// </summary>
    /// <param name="shape">The model's shape.</param>
    /// <param name="weights">Types of the matrices, embedding and head included.</param>
    /// <param name="path">The file; replaced when it exists.</param>
    /// <param name="seed">Any number.</param>
    /// <param name="progress">Told after each chunk of about a MiB.</param>
    /// <param name="cancellation">Ends writing early, as a failure does.</param>
    /// <exception cref="ArgumentException">No such model can be made; the message is <see cref="SynthShape.Problem"/>.</exception>
    /// <exception cref="IOException">The file cannot be written, for example because the disk is full; one line.</exception>
    public static void Write(
        SynthShape shape, WeightMix weights, string path, int seed,
        IProgress<SynthProgress>? progress = null, CancellationToken cancellation = default)
    {
        if (shape.Problem(weights) is string problem)
            throw new ArgumentException(problem);
        string partial = path + ".partial";
        var stream = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, ChunkBytes);
        try
        {
            using (stream)
                Write(shape, weights, stream, seed, progress, cancellation);
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    internal static void Write(
        SynthShape shape, WeightMix weights, Stream stream, int seed, IProgress<SynthProgress>? progress, CancellationToken cancellation)
    {
        ModelConfig config = shape.ToConfig();
        var writer = new GgufWriter(stream);
        AddMetadata(writer, config);
        SynthTokenizer.AddMetadata(writer, config.VocabularySize);

        TensorSpec[] specs = [.. ModelTensors.All(config).Where(spec => spec.IsRequired || (shape.QkvBiases && IsQkvBias(spec.Role)))];
        long total = 0;
        foreach (TensorSpec spec in specs)
            total += writer.AddTensor(spec.Name, spec.IsMatrix ? weights.TypeOf(spec, config) : TensorType.F32, spec.Dimensions.AsSpan()).ByteCount;
        CheckFreeSpace(stream, total);

        var random = new SynthRandom((ulong)seed);
        var pools = new Dictionary<(TensorType, long), RandomBlocks>();
        long written = 0;
        for (int i = 0; i < specs.Length; i++)
        {
            if (specs[i].IsMatrix)
            {
                long columns = specs[i].Dimensions[0];
                TensorType type = writer.Tensors[i].Type;
                ref RandomBlocks? pool = ref CollectionsMarshal.GetValueRefOrAddDefault(pools, (type, columns), out _);
                pool ??= new RandomBlocks(TensorTraits.Get(type), 1 / MathF.Sqrt(columns), random);
                WriteMatrix(writer, writer.Tensors[i], pool, random, ref written, total, progress, cancellation);
            }
            else
            {
                WriteVector(writer, specs[i], random);
                written += writer.Tensors[i].ByteCount;
            }
        }
        writer.Complete();
        progress?.Report(new SynthProgress(written, total));
    }

    private static void WriteMatrix(
        GgufWriter writer, GgufTensor tensor, RandomBlocks pool, SynthRandom random,
        ref long written, long total, IProgress<SynthProgress>? progress, CancellationToken cancellation)
    {
        var chunk = new byte[pool.WholeUnits(ChunkBytes)];
        for (long left = tensor.ByteCount; left > 0;)
        {
            cancellation.ThrowIfCancellationRequested();
            Span<byte> part = chunk.AsSpan(0, (int)Math.Min(left, chunk.Length));
            pool.Fill(part, random);
            writer.WriteData(part);
            left -= part.Length;
            written += part.Length;
            progress?.Report(new SynthProgress(written, total));
        }
    }

    // Norm gains around 1, biases around 0.
    private static void WriteVector(GgufWriter writer, TensorSpec spec, SynthRandom random)
    {
        float centre = IsQkvBias(spec.Role) ? 0 : 1;
        var values = new float[spec.Dimensions[0]];
        for (int i = 0; i < values.Length; i++)
            values[i] = centre + random.NextNormal(0.05f);
        writer.WriteData(MemoryMarshal.AsBytes<float>(values));
    }

    private static void AddMetadata(GgufWriter writer, ModelConfig config)
    {
        string prefix = config.Architecture;
        writer.AddMetadata("general.architecture", config.Architecture);
        writer.AddMetadata("general.name", config.Name);
        writer.AddMetadata("general.description", "Random weights: for benchmarks and tests only");
        writer.AddMetadata("general.quantization_version", 2u); // of the K-quant layouts
        writer.AddMetadata($"{prefix}.block_count", (uint)config.LayerCount);
        writer.AddMetadata($"{prefix}.context_length", (uint)config.ContextLength);
        writer.AddMetadata($"{prefix}.embedding_length", (uint)config.HiddenSize);
        writer.AddMetadata($"{prefix}.feed_forward_length", (uint)config.FeedForwardSize);
        writer.AddMetadata($"{prefix}.attention.head_count", (uint)config.HeadCount);
        writer.AddMetadata($"{prefix}.attention.head_count_kv", (uint)config.KvHeadCount);
        writer.AddMetadata($"{prefix}.attention.key_length", (uint)config.HeadDim);
        writer.AddMetadata($"{prefix}.attention.value_length", (uint)config.HeadDim);
        writer.AddMetadata($"{prefix}.attention.layer_norm_rms_epsilon", config.NormEpsilon);
        writer.AddMetadata($"{prefix}.rope.freq_base", config.Rope.Base);
        writer.AddMetadata($"{prefix}.rope.dimension_count", (uint)config.Rope.DimensionCount);
        writer.AddMetadata($"{prefix}.vocab_size", (uint)config.VocabularySize);
    }

    // A disk without room is found before minutes of writing, where the platform can tell.
    private static void CheckFreeSpace(Stream stream, long bytes)
    {
        if (stream is not FileStream file)
            return;
        long free = new DriveInfo(Path.GetFullPath(file.Name)).AvailableFreeSpace;
        if (free < bytes)
            throw new IOException($"{file.Name}: the model needs {bytes:N0} bytes, but only {free:N0} are free on its disk");
    }

    private static bool IsQkvBias(TensorRole role) =>
        role is TensorRole.AttentionQueryBias or TensorRole.AttentionKeyBias or TensorRole.AttentionValueBias;
}
