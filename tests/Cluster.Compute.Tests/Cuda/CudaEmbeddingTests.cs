using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.Cuda;

[Collection(CudaGroup.Name)]
public class CudaEmbeddingTests(CudaTestDevice cuda)
{
    public static TheoryData<TensorType, bool> Types() => EmbeddingChecks.Types();

    [CudaTheory]
    [MemberData(nameof(Types))]
    public void Rows_match_the_reference(TensorType type, bool isMapped) =>
        EmbeddingChecks.RowsOfAPartOfATableMatchTheReference(cuda.Device, type, isMapped);
}
