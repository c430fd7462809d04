using Cluster.Compute.Tests.Operations;
using Cluster.Model.Formats;

namespace Cluster.Compute.Tests.OpenCl;

[Collection(OpenClGroup.Name)]
public class OpenClEmbeddingTests(OpenClTestDevice opencl)
{
    public static TheoryData<TensorType, bool> Types() => EmbeddingChecks.Types();

    [OpenClTheory]
    [MemberData(nameof(Types))]
    public void Rows_match_the_reference(TensorType type, bool isMapped) =>
        EmbeddingChecks.RowsOfAPartOfATableMatchTheReference(opencl.Device, type, isMapped);
}
