import Linux
import Testing

@Test("processors are waited for")
func processorBarrier() throws { try ProcessorBarrier.wait() }
