using Cluster.Protos.Frames;

namespace Cluster.Worker.Collectives.Links;

/// <summary>A peer sent another frame than the step needs: the ranks do not run the same step.</summary>
internal sealed class FrameMismatchException(PeerIdentity peer, FrameHeader wanted, int wantedBytes, FrameHeader found, int foundBytes)
    : Exception($"{peer} sent {Describe(found, foundBytes)} where {Describe(wanted, wantedBytes)} was due")
{
    private static string Describe(FrameHeader header, int bytes) =>
        $"plan {header.PlanVersion} step {header.StepId} operation {header.Operation} {header.Kind} of {bytes} bytes";
}
