namespace Cluster.Compute.Devices;

/// <summary>The bytes of one tensor, in file format.</summary>
public interface IWeightReader
{
    /// <summary>Copies bytes from <paramref name="offset"/> of the tensor; does not make mapped pages resident.</summary>
    void Read(long offset, Span<byte> destination);

    /// <summary>The whole tensor in place, valid as long as the model file is open; false where there is no mapping.</summary>
    unsafe bool TryMap(out byte* data);
}
