using Grpc.Core;
using Grpc.Wire;

namespace Grpc.Tests.Wire;

public sealed class MetadataCodecTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(100)]
    public void Binary_values_travel_without_padding(int length)
    {
        var bytes = new byte[length];
        new Random(length).NextBytes(bytes);

        var value = MetadataCodec.Encode(new Metadata.Entry("x-bin", bytes));

        Assert.DoesNotContain('=', value);
        Assert.Equal(bytes, Decode("x-bin", value).Single().ValueBytes);
    }

    [Theory]
    [InlineData("AQI=")]
    [InlineData("AQI")]
    public void Padding_is_optional_in_what_is_received(string value) =>
        Assert.Equal([1, 2], Decode("X-Bin", value).Single().ValueBytes);

    [Fact]
    public void Values_that_were_joined_with_commas_are_taken_apart()
    {
        var values = Decode("x-bin", "AQ==,Ag, AwQ=").Select(e => e.ValueBytes);
        Assert.Equal<byte[]>([[1], [2], [3, 4]], values);
    }

    [Fact]
    public void Text_with_commas_stays_whole() => Assert.Equal("a, b", Decode("x", "a, b").Single().Value);

    [Fact]
    public void What_is_not_base64_is_dropped() => Assert.Empty(Decode("x-bin", "*"));

    [Theory]
    [InlineData(":path")]
    [InlineData("grpc-status")]
    [InlineData("Grpc-Timeout")]
    [InlineData("content-type")]
    [InlineData("te")]
    [InlineData("Host")]
    public void Headers_of_the_protocol_are_not_metadata(string name) => Assert.Empty(Decode(name, "x"));

    [Fact]
    public void Status_details_are_metadata() =>
        Assert.Equal([9], Decode("grpc-status-details-bin", "CQ").Single().ValueBytes);

    private static Metadata Decode(string name, string value)
    {
        var metadata = new Metadata();
        MetadataCodec.Decode(name, value, metadata);
        return metadata;
    }
}
