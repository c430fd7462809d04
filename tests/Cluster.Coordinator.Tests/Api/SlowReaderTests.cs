using System.Net.Sockets;
using System.Text;

namespace Cluster.Coordinator.Tests.Api;

public sealed class SlowReaderTests
{
    [Fact]
    public async Task Client_that_stops_reading_harms_nobody()
    {
        await using var api = await ApiFixture.StartAsync(context: 4096);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await socket.ConnectAsync(api.BaseAddress.Host, api.BaseAddress.Port);
        const string Body = """{"prompt":[300,301],"max_tokens":4000,"stream":true,"logprobs":20,"ignore_eos":true}""";
        await socket.SendAsync(Encoding.ASCII.GetBytes($"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"));

        // Its first bytes: it is being written, and is not read any further.
        await socket.ReceiveAsync(new byte[100]);
        for (var i = 0; i < 5; i++)
        {
            var (_, answer) = await api.PostAsync("""{"prompt":[310,311],"max_tokens":20,"temperature":0,"ignore_eos":true}""");
            Assert.Equal(20, answer.GetProperty("usage").GetProperty("completion_tokens").GetInt32());
        }

        socket.Close();
        await api.Engine.AssertNothingLeaksAsync();
    }
}
