using Grpc.Core;

namespace Grpc.Net.Client;

/// <summary>Starts calls on a channel.</summary>
internal sealed class HttpClientCallInvoker(GrpcChannel channel) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
        return call.GetAwaiter().GetResult();
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        call.Start(host, request);
        return new AsyncUnaryCall<TResponse>(
            call.ReadSingleAsync(), call.Lifetime.Headers, call.Lifetime.GetStatus, call.Lifetime.GetTrailers, call.Lifetime.Dispose);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        call.Start(host, request);
        return new AsyncServerStreamingCall<TResponse>(
            call.Reader, call.Lifetime.Headers, call.Lifetime.GetStatus, call.Lifetime.GetTrailers, call.Lifetime.Dispose);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        var writer = call.StartStream(host);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            writer, call.ReadSingleAsync(), call.Lifetime.Headers, call.Lifetime.GetStatus, call.Lifetime.GetTrailers, call.Lifetime.Dispose);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, options);
        var writer = call.StartStream(host);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            writer, call.Reader, call.Lifetime.Headers, call.Lifetime.GetStatus, call.Lifetime.GetTrailers, call.Lifetime.Dispose);
    }
}
