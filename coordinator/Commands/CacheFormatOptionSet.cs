using System.CommandLine;
using Cluster.Model.Formats;
using Cluster.Model.KvCache;

namespace Cluster.Coordinator.Commands;

/// <summary>What the cache keeps of keys and values.</summary>
internal sealed class CacheFormatOptionSet
{
    private readonly Option<TensorType?> _keyType = ArgumentParsers.OneOf("--kv-type-k", "Format of cached keys [default: q8_0]", CacheTypes.ByName);
    private readonly Option<TensorType?> _valueType = ArgumentParsers.OneOf("--kv-type-v", "Format of cached values [default: iq4_nl]", CacheTypes.ByName);
    private readonly Option<OnOff?> _rotation = ArgumentParsers.Switch(
        "--kv-rotation", "Rotate heads before they are quantized: on or off [default: on]");
    private readonly Option<int?> _edgeLayers = ArgumentParsers.WholeNumber(
        "--kv-edge-layers", "N", "First and last N layers that keep f16 in the cache [default: 0]", least: 0);

    public void AddTo(Command command)
    {
        foreach (Option option in (ReadOnlySpan<Option>)[_keyType, _valueType, _rotation, _edgeLayers]) command.Add(option);
    }

    public KvCacheFormat Read(ParseResult parse) => new()
    {
        KeyType = parse.GetValue(_keyType) ?? TensorType.Q8_0,
        ValueType = parse.GetValue(_valueType) ?? TensorType.IQ4_NL,
        Rotation = parse.GetValue(_rotation) is not OnOff.Off,
        EdgeLayers = parse.GetValue(_edgeLayers) ?? 0,
    };
}
