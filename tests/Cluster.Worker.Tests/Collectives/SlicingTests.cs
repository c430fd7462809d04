using Cluster.Worker.Collectives;

namespace Cluster.Worker.Tests.Collectives;

public sealed class SlicingTests
{
    [Theory]
    [InlineData(0, 1, 1000, 3)]
    [InlineData(0, 1000, 1000, 3)]
    [InlineData(64, 1000, 500, 5)]
    [InlineData(0, 33, 64, 2)]
    [InlineData(196_608, 200_001, 196_608, 3)]
    public void SlicesFollowEachOtherAtBlocksAndCoverThePart(int start, int count, int partValues, int ranks)
    {
        var slicing = new Slicing(start, count, partValues, ranks);
        var at = start;
        for (var rank = 0; rank < ranks; rank++)
        {
            var (from, length) = slicing[rank].GetOffsetAndLength(count);
            Assert.Equal(at, from);
            Assert.True(length == 0 || (from - start) % 32 == 0);
            Assert.InRange(length, 0, partValues / ranks + 32);
            at += length;
        }

        Assert.Equal(Math.Min(start + partValues, count), at);
    }
}
