namespace Cluster.Model.Formats;

/// <summary>A tensor type that has no codec in <see cref="TensorTraits"/>. The message is one line naming the type.</summary>
public sealed class UnsupportedTensorTypeException(TensorType type) : Exception(Describe(type))
{
    public TensorType Type { get; } = type;

    private static string Describe(TensorType type) => Enum.IsDefined(type)
        ? $"tensor type {type} is not supported (supported: {TensorTraits.SupportedNames})"
        : $"tensor type id {(uint)type} is unknown (supported: {TensorTraits.SupportedNames})";
}
