using Grpc.Core;

namespace Grpc.Tests.Core;

public sealed class MetadataTests
{
    [Fact]
    public void Keys_are_lower_case_and_found_in_any_case()
    {
        var metadata = new Metadata { { "X-Key", "1" }, { "x-key", "2" }, { "Data-Bin", [1, 2] } };

        Assert.Equal("2", metadata.GetValue("X-KEY"));
        Assert.Equal(["1", "2"], metadata.GetAll("x-key").Select(e => e.Value));
        Assert.Equal([1, 2], metadata.GetValueBytes("data-bin")!);
        Assert.Null(metadata.Get("other"));
        Assert.Equal(["x-key", "x-key", "data-bin"], metadata.Select(e => e.Key));
    }

    [Theory]
    [InlineData("with space")]
    [InlineData("grüße")]
    [InlineData("a:b")]
    [InlineData("")]
    [InlineData("grpc-timeout")]
    [InlineData("Content-Type")]
    [InlineData("te")]
    [InlineData("text-bin")]
    public void Bad_text_keys_are_refused(string key) => Assert.ThrowsAny<ArgumentException>(() => new Metadata.Entry(key, "value"));

    [Theory]
    [InlineData("line\nbreak")]
    [InlineData("ü")]
    public void Text_must_be_printable_ascii(string value) => Assert.Throws<ArgumentException>(() => new Metadata.Entry("key", value));

    [Fact]
    public void Bytes_need_a_binary_key() => Assert.Throws<ArgumentException>(() => new Metadata.Entry("key", [1]));

    [Fact]
    public void Empty_cannot_be_changed() => Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("key", "value"));
}
