using Cluster.Model.Gguf;

namespace Cluster.Model.Architecture;

/// <summary>A model's own metadata keys: those that begin with its architecture's name. Values are range-checked.</summary>
internal sealed class ModelKeys(GgufHeader header)
{
    /// <summary>Bound for every size, so that products of two fit 64 bits with room to spare.</summary>
    public const int MaxSize = 1 << 24;

    public GgufMetadata Metadata => header.Metadata;

    public string Architecture { get; } = header.Metadata.GetString("general.architecture");

    public string Name(string key) => $"{Architecture}.{key}";

    public bool Contains(string key) => Metadata.Contains(Name(key));

    public int Integer(string key, int min, int max) => Check(key, Metadata.GetInt32(Name(key)), min, max);

    public int Integer(string key, int defaultValue, int min, int max) =>
        Check(key, Metadata.GetInt32(Name(key), defaultValue), min, max);

    /// <param name="key">Without the architecture.</param>
    /// <param name="defaultValue">Null where the key is required.</param>
    /// <param name="min">Smallest allowed value.</param>
    /// <param name="max">Largest allowed value.</param>
    public float Number(string key, float? defaultValue, float min, float max)
    {
        float value = defaultValue is float other ? Metadata.GetSingle(Name(key), other) : Metadata.GetSingle(Name(key));
        return value >= min && value <= max ? value : throw Error(Name(key), $"{value} is out of range ({min} to {max})");
    }

    public GgufFormatException Error(string key, string problem) =>
        new($"{key}: {problem}", header.File, Metadata.Contains(key) ? Metadata.OffsetOf(key) : null);

    private int Check(string key, int value, int min, int max) =>
        value >= min && value <= max ? value : throw Error(Name(key), $"{value} is out of range ({min} to {max})");
}
