using Cluster.Worker.CommandLine;

namespace Cluster.Worker.Tests.CommandLine;

public sealed class HostPortTests
{
    [Theory]
    [InlineData("localhost:80", "localhost", 80)]
    [InlineData("10.0.0.1:0", "10.0.0.1", 0)]
    [InlineData("[::1]:65535", "[::1]", 65535)]
    [InlineData("node-1.example.org:5000", "node-1.example.org", 5000)]
    public void ParsesAndPrints(string text, string host, int port)
    {
        Assert.True(HostPort.TryParse(text, out var address));
        Assert.Equal(new HostPort(host, port), address);
        Assert.Equal(text, address.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("host")]
    [InlineData("host:")]
    [InlineData("host:-1")]
    [InlineData("host:65536")]
    [InlineData("host:8o")]
    [InlineData("::1:80")]
    [InlineData("[::1:80")]
    [InlineData("a b:80")]
    [InlineData("http://host:80")]
    public void RefusesEverythingElse(string? text) => Assert.False(HostPort.TryParse(text, out _));
}
