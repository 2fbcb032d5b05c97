#include "tinyxml2.h"

using namespace tinyxml2;

static void walked(const XMLElement *element, int depth) {
    for (; element != nullptr && depth < 64; element = element->NextSiblingElement()) {
        int number = 0;
        element->QueryIntAttribute("id", &number);
        element->QueryIntText(&number);
        element->GetText();
        for (const XMLAttribute *each = element->FirstAttribute(); each != nullptr; each = each->Next()) {
            each->Value();
        }
        walked(element->FirstChildElement(), depth + 1);
    }
}

extern "C" int exercise(int way, const unsigned char *data, size_t size, const char *text) {
    XMLDocument document(!(way & 1), way & 2 ? COLLAPSE_WHITESPACE : PRESERVE_WHITESPACE), copy;
    (void)text;
    document.Parse(reinterpret_cast<const char *>(data), size);
    walked(document.RootElement(), 0);
    document.DeepCopy(&copy);
    XMLPrinter printer(nullptr, way & 4);
    copy.Print(&printer);
    if (XMLElement *root = document.RootElement()) {
        XMLNode *shallow = root->ShallowClone(&copy);
        root->ShallowEqual(shallow);
        copy.InsertEndChild(shallow);
        root->SetAttribute("added", "value");
        root->DeleteAttribute("id");
        root->InsertNewText("more & more");
        root->DeleteChildren();
    }
    copy.Accept(&printer);
    document.ErrorStr();
    return 0;
}
