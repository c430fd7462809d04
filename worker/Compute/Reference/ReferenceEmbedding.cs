using Cluster.Model.Formats;

namespace Cluster.Compute.Reference;

/// <summary>Defines <see cref="Devices.IDevice.Embed"/>.</summary>
internal static class ReferenceEmbedding
{
    /// <param name="table">Rows in file format, one after the other.</param>
    /// <param name="type">Their format.</param>
    /// <param name="columns">Elements a row.</param>
    /// <param name="tokenIds">Rows to look up.</param>
    /// <returns>One row of <paramref name="columns"/> a token.</returns>
    public static float[] Embed(byte[] table, TensorType type, int columns, int[] tokenIds)
    {
        var trait = TensorTraits.Get(type);
        var rowBytes = (int)trait.BytesFor(columns);
        var output = new float[tokenIds.Length * columns];
        for (var t = 0; t < tokenIds.Length; t++)
            trait.Dequantize(table.AsSpan(tokenIds[t] * rowBytes, rowBytes), output.AsSpan(t * columns, columns));
        return output;
    }
}
