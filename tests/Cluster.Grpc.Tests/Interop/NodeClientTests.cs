using System.Text.Json.Nodes;
using Grpc.Tests.Hosting;

namespace Grpc.Tests.Interop;

/// <summary>The independent client calls our server: all scenarios of client.js in one run.</summary>
[Collection(InteropCollection.Name)]
public sealed class NodeClientTests
{
    [Fact]
    public async Task All_scenarios_see_what_they_should()
    {
        var service = new InteropService();
        await using var host = await GrpcHost.StartAsync(service.Handlers);
        using var node = NodeProcess.Start("node", "client.js", host.Address.Authority);

        var results = JsonNode.Parse(await node.ReadLineAsync())!.AsObject();
        await node.WaitAsync();

        const string Failure = """{"code":9,"details":"größer als 100 %","detail":"x","raw":"00ff80"}""";
        const string Mirrored = """{"text":"plain text","raw":["0001ff","07"]}""";
        Expect("unary", """{"text":"grüße","number":42,"data":"010203","code":0}""");
        Expect("big", """{"same":true}""");
        Expect("gzip", """{"same":true}""");
        Expect("clientStream", """{"error":null,"text":"12345678910","data":{"type":"Buffer","data":[]},"number":55}""");
        Expect("clientStreamError", Failure);
        Expect("serverStream", $$"""{"numbers":[{{Numbers(100)}}],"code":0}""");
        Expect("serverStreamError", $$"""{"numbers":[0,1,2],{{Failure[1..]}}""");
        Expect("duplex", $$"""{"headers":true,"numbers":[{{Numbers(50)}}],"code":0}""");
        Expect("error", Failure);
        Expect("metadata", $$"""{"headers":{{Mirrored}},"trailers":{{Mirrored}}}""");
        Assert.InRange(results["deadline"]!["seconds"]!.GetValue<int>(), 3500, 3600);
        Assert.Equal(8, Code("tooBig"));
        Assert.Equal(4, Code("deadline"));
        Assert.Equal(1, Code("cancel"));
        Assert.Equal(12, Code("unimplemented"));
        await service.Cancelled.Task;
        Assert.Equal(1, service.Compressed);
        Assert.Empty(results);
        Assert.Empty(host.Log.Errors);

        void Expect(string scenario, string expected)
        {
            Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), results[scenario]!.ToJsonString());
            results.Remove(scenario);
        }

        int Code(string scenario)
        {
            var code = results[scenario]!["code"]!.GetValue<int>();
            results.Remove(scenario);
            return code;
        }
    }

    private static string Numbers(int count) => string.Join(',', Enumerable.Range(0, count));
}
