using Grpc.Wire;

namespace Grpc.Tests.Wire;

public sealed class PercentEncodingTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("plain text ~!", "plain text ~!")]
    [InlineData("100%", "100%25")]
    [InlineData("a\nb\tc", "a%0Ab%09c")]
    [InlineData("größe ☃ 😀", "gr%C3%B6%C3%9Fe %E2%98%83 %F0%9F%98%80")]
    public void Encodes_and_decodes(string text, string encoded)
    {
        Assert.Equal(encoded, PercentEncoding.Encode(text));
        Assert.Equal(text, PercentEncoding.Decode(encoded));
    }

    [Theory]
    [InlineData("%", "%")]
    [InlineData("%4", "%4")]
    [InlineData("%zz%41", "%zzA")]
    [InlineData("%c3%b6", "ö")]
    [InlineData("%ff", "\ufffd")]
    [InlineData("ä%41", "äA")]
    public void Decoding_takes_what_others_send(string encoded, string text) => Assert.Equal(text, PercentEncoding.Decode(encoded));

    [Fact]
    public void Every_text_survives()
    {
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(40)).Select(_ => char.ConvertFromUtf32(random.Next(0xd7ff))));
            var encoded = PercentEncoding.Encode(text);
            Assert.All(encoded, c => Assert.InRange(c, ' ', '~'));
            Assert.Equal(text, PercentEncoding.Decode(encoded));
        }
    }
}
