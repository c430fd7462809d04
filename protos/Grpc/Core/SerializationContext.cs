using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller puts one message. Valid only during the call of the serializer.</summary>
public abstract class SerializationContext
{
    /// <summary>Completes with a whole payload. Not after <see cref="GetBufferWriter"/>.</summary>
    public virtual void Complete(byte[] payload) => throw new NotImplementedException();

    /// <summary>A writer straight into the outgoing buffer; ends with <see cref="Complete()"/>.</summary>
    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotImplementedException();

    /// <summary>
    /// Says how many bytes will be written. Optional; saves a copy on the server. Once said, exactly as many must follow.
    /// </summary>
    public virtual void SetPayloadLength(int payloadLength)
    {
    }

    /// <summary>Completes what was written to <see cref="GetBufferWriter"/>.</summary>
    public virtual void Complete() => throw new NotImplementedException();
}
