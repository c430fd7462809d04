using Cluster.Model.Processors;

namespace Cluster.Model.Tests.Processors;

public sealed class CpuListTests
{
    [Theory]
    [InlineData("0-3,6", "0-3,6", new[] { 0, 1, 2, 3, 6 })]
    [InlineData("7,5,6,5", "5-7", new[] { 5, 6, 7 })]
    [InlineData("1023", "1023", new[] { 1023 })]
    [InlineData("4-4,1", "1,4", new[] { 1, 4 })]
    public void NumbersAndRangesAreRead(string text, string canonical, int[] numbers)
    {
        Assert.True(CpuList.TryParse(text, out var list));
        Assert.Equal(numbers, list.Numbers);
        Assert.Equal(canonical, list.ToString());
        Assert.True(CpuList.TryParse(canonical, out var again));
        Assert.Equal(list, again);
        Assert.Equal(list.GetHashCode(), again.GetHashCode());
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData("-1")]
    [InlineData("1-")]
    [InlineData("3-1")]
    [InlineData("0,,1")]
    [InlineData("0, 1")]
    [InlineData("1024")]
    [InlineData("0-99999999999")]
    public void AnythingElseIsRefused(string text) => Assert.False(CpuList.TryParse(text, out _));

    [Theory]
    [InlineData("0-3,6", 2, "0-1 2-3,6")]
    [InlineData("4-7", 4, "4 5 6 7")]
    [InlineData("2,9", 3, "2 2 9")]
    public void SharesAreConsecutiveAndNeverEmpty(string text, int shares, string expected)
    {
        Assert.True(CpuList.TryParse(text, out var list));
        Assert.Equal(expected, string.Join(' ', Enumerable.Range(0, shares).Select(index => list.Share(index, shares).ToString())));
    }
}
