namespace Grpc.AspNetCore.Server;

/// <summary>Reads the requests of a call, lets the application handle them and writes the responses.</summary>
internal delegate Task MethodInvoker<TRequest, TResponse>(ServerCall<TRequest, TResponse> call)
    where TRequest : class
    where TResponse : class;
