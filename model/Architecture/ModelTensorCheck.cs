using Cluster.Model.Gguf;

namespace Cluster.Model.Architecture;

/// <summary>Holds a file's tensors against the catalogue.</summary>
internal static class ModelTensorCheck
{
    // Old converters stored tables that can be computed; every reader ignores them.
    private const string IgnoredSuffix = ".attn_rot_embd.weight";

    /// <exception cref="GgufFormatException">A tensor is missing, has another shape, or is none of the model's.</exception>
    public static void Validate(GgufHeader header, ModelConfig config)
    {
        int used = 0;
        var known = new HashSet<string>();
        foreach (TensorSpec spec in ModelTensors.All(config))
        {
            known.Add(spec.Name);
            if (header.TryGetTensor(spec.Name, out GgufTensor? tensor))
            {
                CheckShape(header, spec, tensor);
                used++;
            }
            else if (spec.IsRequired)
            {
                throw new GgufFormatException($"tensor of shape {Shape(spec)} is missing", header.File, tensor: spec.Name);
            }
        }
        if (used == header.Tensors.Count)
            return;
        // A tensor that we do not know means a variant that we would compute wrongly.
        foreach (GgufTensor tensor in header.Tensors)
        {
            if (!known.Contains(tensor.Name) && !tensor.Name.EndsWith(IgnoredSuffix, StringComparison.Ordinal))
                throw new GgufFormatException($"unexpected tensor: not part of a {config.Architecture} model", header.File, tensor.Offset, tensor.Name);
        }
    }

    private static void CheckShape(GgufHeader header, TensorSpec spec, GgufTensor tensor)
    {
        // Trailing dimensions of 1 do not change a shape.
        ReadOnlySpan<long> found = tensor.Dimensions.AsSpan();
        while (found.Length > spec.Dimensions.Length && found[^1] == 1)
            found = found[..^1];
        if (!found.SequenceEqual(spec.Dimensions.AsSpan()))
            throw new GgufFormatException($"expected shape {Shape(spec)}, found {tensor.Shape}", header.File, tensor.Offset, tensor.Name);
    }

    private static string Shape(TensorSpec spec) => GgufTensor.DescribeShape(spec.Dimensions.AsSpan());
}
