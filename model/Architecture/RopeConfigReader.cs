namespace Cluster.Model.Architecture;

/// <summary>Reads the rotary position embedding's keys, old and new spellings.</summary>
internal static class RopeConfigReader
{
    public static RopeConfig Read(ModelKeys keys, RopeStyle style, int headDim, int contextLength)
    {
        int dimensions = keys.Integer("rope.dimension_count", headDim, 2, headDim);
        if (dimensions % 2 != 0)
            throw keys.Error(keys.Name("rope.dimension_count"), $"{dimensions} is odd");
        RopeScaling scaling = ReadScaling(keys, out float factor);
        return new RopeConfig
        {
            Base = keys.Number("rope.freq_base", 10000, 1.0001f, 1e12f),
            DimensionCount = dimensions,
            Style = style,
            Scaling = scaling,
            ScalingFactor = factor,
            OriginalContextLength = keys.Integer("rope.scaling.original_context_length", contextLength, 1, int.MaxValue),
            YarnExtrapolationFactor = keys.Number("rope.scaling.yarn_ext_factor", 1, 0, 1),
            YarnBetaFast = keys.Number("rope.scaling.yarn_beta_fast", 32, 1e-3f, 1e6f),
            YarnBetaSlow = keys.Number("rope.scaling.yarn_beta_slow", 1, 1e-3f, 1e6f),
            AttentionFactor = keys.Number("rope.scaling.attn_factor", 1, 1e-3f, 1e3f),
        };
    }

    private static RopeScaling ReadScaling(ModelKeys keys, out float factor)
    {
        const string TypeKey = "rope.scaling.type";
        // Files before scaling types existed give only a linear factor.
        float oldFactor = keys.Number("rope.scale_linear", 1, 1e-3f, 1e6f);
        factor = keys.Number("rope.scaling.factor", oldFactor, 0, 1e6f);
        if (factor == 0) // some converters write 0 for "none"
            factor = 1;
        string type = keys.Metadata.TryGetString(keys.Name(TypeKey), out string? named) ? named : factor == 1 ? "none" : "linear";
        switch (type)
        {
            case "none":
                factor = 1;
                return RopeScaling.None;
            case "linear":
                return RopeScaling.Linear;
            case "yarn":
                return RopeScaling.Yarn;
            default:
                throw keys.Error(keys.Name(TypeKey), $"{Gguf.GgufFormatException.Quote(type)} is not supported (none, linear, yarn are)");
        }
    }
}
