using Cluster.Coordinator.Planning;

namespace Cluster.Coordinator.Tests.Planning;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData(6_979_321_856, "6.5 GiB")]
    [InlineData(1L << 30, "1.0 GiB")]
    [InlineData((1L << 30) - (1 << 20), "1,023.0 MiB")]
    [InlineData(52_429, "0.1 MiB")]
    public void Is_written_in_GiB_or_MiB(long bytes, string text) => Assert.Equal(text, ByteSize.Format(bytes));

    [Theory]
    [InlineData("4GiB", 4L << 30)]
    [InlineData("1.5g", 3L << 29)]
    [InlineData("512 MiB", 512L << 20)]
    [InlineData("64K", 65_536L)]
    [InlineData("2T", 2L << 40)]
    [InlineData("4GB", null)]
    [InlineData("4096", null)]
    [InlineData("0GiB", null)]
    [InlineData("-1GiB", null)]
    [InlineData("GiB", null)]
    [InlineData("99999999999T", null)]
    public void Is_read_with_a_unit_of_1024(string text, long? bytes) => Assert.Equal(bytes, ByteSize.Parse(text));
}
