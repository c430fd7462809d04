using System.Text;
using Cluster.Coordinator.Telemetry;
using Cluster.Coordinator.Tests.Api;
using Google.Protobuf;

namespace Cluster.Coordinator.Tests.Telemetry;

public sealed class OtlpTests
{
    private const string TraceId = "4bf92f3577b34da6a3ce929d0e0e4736", ParentId = "00f067aa0ba902b7";

    [Fact]
    public async Task Metrics_and_traces_reach_the_collector()
    {
        await using var collector = await OtlpReceiver.StartAsync();
        await using (var api = await ApiFixture.StartAsync(otlp: new OtlpOptions { Endpoint = collector.Address, SampledPart = 0 }))
        {
            // Sampled by its client; the other one is not.
            await PostAsync(api, $"00-{TraceId}-{ParentId}-01");
            await PostAsync(api, null);
        }

        var messages = collector.Messages.ToArray();
        Assert.All(messages, message => Assert.Equal("application/x-protobuf", message.Type));
        var metrics = Encoding.Latin1.GetString(messages.Last(message => message.Path == "/v1/metrics").Body);
        Assert.Contains("gen_ai.server.time_to_first_token", metrics, StringComparison.Ordinal);
        Assert.Contains("service.name", metrics, StringComparison.Ordinal);

        var spans = messages.Where(message => message.Path == "/v1/traces").SelectMany(message => Spans(message.Body)).ToList();
        Assert.Equal(["text_completion fake", "queue", "prefill", "decode"], spans.OrderBy(span => span.Name switch { "queue" => 1, "prefill" => 2, "decode" => 3, _ => 0 }).Select(span => span.Name));
        var request = spans.Single(span => span.Name.StartsWith("text_completion", StringComparison.Ordinal));
        Assert.All(spans, span => Assert.Equal(TraceId, span.TraceId));
        Assert.All(spans, span => Assert.Equal(span == request ? ParentId : request.SpanId, span.ParentId));
        Assert.All(spans, span => Assert.InRange(span.Start, request.Start, span.End));
        Assert.All(spans, span => Assert.InRange(span.End, span.Start, request.End));
        foreach (var attribute in new[] { "gen_ai.operation.name", "gen_ai.usage.output_tokens", "gen_ai.request.max_tokens", "gen_ai.response.finish_reasons" })
            Assert.Contains(attribute, request.Attributes);
    }

    [Fact]
    public void Endpoint_and_environment_decide()
    {
        Assert.Null(OtlpOptions.Choose(null, 0.5));
        var options = OtlpOptions.Choose(new Uri("http://collector:4318/otlp/"), 0.5)!;
        Assert.Equal((new Uri("http://collector:4318/otlp/v1/traces"), 0.5), (options.EndpointOf("traces")!, options.SampledPart));
    }

    private static async Task PostAsync(ApiFixture api, string? parent)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(api.BaseAddress, "/v1/completions"))
        {
            Content = new StringContent("""{"prompt":[300,301,302],"max_tokens":5,"temperature":0,"ignore_eos":true}""", Encoding.UTF8, "application/json"),
        };
        if (parent is not null) request.Headers.Add("traceparent", parent);
        using var response = await client.SendAsync(request);
        Assert.True(response.IsSuccessStatusCode);
    }

    /// <summary>The spans of an ExportTraceServiceRequest: resource_spans 1, scope_spans 2, spans 2.</summary>
    private static IEnumerable<Span> Spans(byte[] message) =>
        from resource in Fields(message)
        where resource.Number == 1
        from scope in Fields(resource.Bytes)
        where scope.Number == 2
        from span in Fields(scope.Bytes)
        where span.Number == 2
        select Span.Of([.. Fields(span.Bytes)]);

    private static List<(int Number, byte[] Bytes, ulong Value)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[], ulong)>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag and not 0)
        {
            fields.Add(WireFormat.GetTagWireType(tag) switch
            {
                WireFormat.WireType.LengthDelimited => (WireFormat.GetTagFieldNumber(tag), input.ReadBytes().ToByteArray(), 0UL),
                WireFormat.WireType.Fixed64 => (WireFormat.GetTagFieldNumber(tag), [], input.ReadFixed64()),
                WireFormat.WireType.Fixed32 => (WireFormat.GetTagFieldNumber(tag), [], input.ReadFixed32()),
                _ => (WireFormat.GetTagFieldNumber(tag), [], input.ReadUInt64()),
            });
        }

        return fields;
    }

    private sealed record Span(string TraceId, string SpanId, string ParentId, string Name, ulong Start, ulong End, IReadOnlyList<string> Attributes)
    {
        /// <summary>trace_id 1, span_id 2, parent_span_id 4, name 5, times 7 and 8, attributes 9.</summary>
        public static Span Of(List<(int Number, byte[] Bytes, ulong Value)> fields) => new(
            Convert.ToHexStringLower(Bytes(fields, 1)), Convert.ToHexStringLower(Bytes(fields, 2)), Convert.ToHexStringLower(Bytes(fields, 4)),
            Encoding.UTF8.GetString(Bytes(fields, 5)), Value(fields, 7), Value(fields, 8),
            [.. fields.Where(field => field.Number == 9).Select(field => Encoding.UTF8.GetString(Fields(field.Bytes)[0].Bytes))]);

        private static byte[] Bytes(List<(int Number, byte[] Bytes, ulong Value)> fields, int number) => fields.Single(field => field.Number == number).Bytes;

        private static ulong Value(List<(int Number, byte[] Bytes, ulong Value)> fields, int number) => fields.Single(field => field.Number == number).Value;
    }
}
